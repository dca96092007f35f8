"""What the tables of the ledger have in common; they are declared where they are asked."""

from sqlalchemy import MetaData

NAME = "ledger"
METADATA = MetaData()
