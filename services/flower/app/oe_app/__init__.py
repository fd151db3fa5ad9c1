"""The Flower App of the exchange. Shipped to other machines: imports nothing of the exchange's services."""
